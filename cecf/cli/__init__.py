"""The `cecf` command: one verb a file. It adds to the bare `pulumi` command and is never required."""
