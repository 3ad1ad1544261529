"""The tests: a folder for each room of the house, and some for what goes through several; see CONTRIBUTING.md."""
