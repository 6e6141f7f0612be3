"""The SQL files that reduce facts to small frames, and the engine that runs them."""
