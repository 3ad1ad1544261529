"""The rules, held against the folder and what was rendered, or against any feed."""
