"""The podcast itself: what apps and directories read, as pure functions from values to bytes and findings.

Nothing in here touches a disk, a network, a clock or the environment; `publisher` does that.
"""
