"""What gilscope can launch: demonstrations to watch, works to compare, the child that runs them.

Plain standard library wherever another interpreter runs it, which may have nothing installed.
"""
