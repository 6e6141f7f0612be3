"""What the next unit of money earns: response of every line as draws, the best split, what a move should bring."""
