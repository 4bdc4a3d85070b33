"""What tests measured, for the end of the report."""

FIGURE = "figure"
"""The name of the property that a test's report has it under."""
