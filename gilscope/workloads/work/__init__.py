"""The works that `gilscope compare` runs in every mode, a plain module each.

Standard library, CPython 3.8 and newer; nothing of the modes is in here. A module has CALIBRATES
("size": a task can be made bigger, "tasks": there can only be more of them), SIZE, TASKS,
`argument(index, size, context)` and `task(argument)`. It may have `coroutine`, `setup`, `reset`,
`whole` and `missing`. Results are the same in every mode and on every interpreter, and memory does
not grow with the size. What is known of the works without importing them is in `works`.
"""
