"""Revenue Council without a browser: calculations, storage, services and the command line."""
