"""What takes longer than a test run may: `make rehearse`."""
