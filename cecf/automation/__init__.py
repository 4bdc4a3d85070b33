"""The engine, driven from Python: stacks, operations, events, and what a run left behind."""
