"""The policy pack: rules of plain Python, and what hands them to the engine."""
