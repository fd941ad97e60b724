"""The ways to run the tasks, a module each; what they share is in mode, gate, worker and taking."""
