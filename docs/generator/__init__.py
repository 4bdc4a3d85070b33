"""What the generated parts of the pages are made from: types, docstrings and plans."""
