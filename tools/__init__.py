"""What keeps the project's set-up honest: pinned versions, download sizes, a fresh machine."""
