"""The command line: one module a command. No command but a screen imports Textual."""
