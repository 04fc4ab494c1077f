"""Networks that find faces in pictures, one a module; both work through OpenCV, on the CPU."""
