"""Downloads counted from logs by the published rules: `counting/` is the count, `forms/` what logs look like, `agents/` who asks,
`engines/` what runs it, `report/` what is told. Its door is `counts.py`; nothing here is loaded by another command.
"""
