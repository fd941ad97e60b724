"""Where an interpreter begins: find the child's modules, nothing else of gilscope's surroundings.

Run as `PYTHON start.py CONTROL_FD REPORT_FD`. Processes that are not forked run this file again
under another name, as multiprocessing does, and so does every sub-interpreter: all that has to be
in place there stands at the top level. Straight lines that even Python 2 can read, so that an
interpreter that is too old can say so.
"""

import os
import sys

if sys.version_info < (3, 8):  # noqa: UP036  it is what says so
    os.write(
        int(sys.argv[2]),
        b'{"type": "unavailable", "reason": "Python %s is too old to run the work.", '
        b'"fix": "Name an interpreter of Python 3.8 or newer."}\n'
        % sys.version.split()[0].encode("ascii"),
    )
    sys.exit(1)

here = os.path.dirname(os.path.realpath(__file__))
# The names of the modules beside this one would stand before those of the work.
sys.path[:] = [entry for entry in sys.path if not entry or os.path.realpath(entry) != here]

if "gilscope" not in sys.modules:
    import importlib.util

    # Not by way of sys.path: the folder that holds gilscope may hold packages of another
    # interpreter, and the one that runs this may have a gilscope of its own.
    package = os.path.dirname(os.path.dirname(here))
    spec = importlib.util.spec_from_file_location(
        "gilscope", os.path.join(package, "__init__.py"), submodule_search_locations=[package]
    )
    assert spec
    assert spec.loader
    sys.modules["gilscope"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(sys.modules["gilscope"])

if __name__ == "__main__":
    from gilscope.workloads.child.main import main

    main(int(sys.argv[1]), int(sys.argv[2]))
