"""Keys: every one is explained once, and the README's table is made from them."""

from pathlib import Path

import pytest

from gilscope.ui import keys
from gilscope.ui.screens.home import HomeScreen
from gilscope.ui.screens.scope import ScopeScreen
from gilscope.ui.widgets.page import Page

README = Path(__file__).parents[2] / "README.md"
PLACES = [(keys.SCOPE, ScopeScreen), (keys.HOME, HomeScreen), (keys.PAGE, Page)]


@pytest.mark.parametrize(("found", "screen"), PLACES)
def test_every_key_has_an_action_on_its_screen(found, screen):
    for binding in keys.bindings(found):
        action = binding.action.partition("(")[0]
        assert hasattr(screen, f"action_{action}"), binding


def test_no_key_means_two_things_in_one_place():
    for found, _ in PLACES:
        pressed = [
            key
            for binding in keys.bindings([*keys.EVERYWHERE, *found])
            for key in binding.key.split(",")
        ]
        assert len(pressed) == len(set(pressed))


def test_every_binding_has_an_id_of_its_own():
    ids = [
        binding.id
        for found in (keys.EVERYWHERE, keys.SCOPE, keys.HOME, keys.PAGE)
        for binding in keys.bindings(found)
    ]
    assert all(ids)
    assert len(ids) == len(set(ids))


def test_the_table_is_put_between_its_marks():
    readme = "a\n<!-- keys -->\nold\n<!-- /keys -->\nb\n"
    written = keys.with_key_table(readme)
    assert "\nold" not in written
    assert "| `space` | Scope | pause the view; sampling goes on |" in written
    assert keys.with_key_table(written) == written


def test_a_readme_without_a_place_for_the_table_is_refused():
    with pytest.raises(ValueError, match="keys"):
        keys.with_key_table("nothing")


def test_the_readme_lists_the_keys_as_they_are():
    """If this fails: python -c "from tests.ui.test_keys import *; write_readme()"."""
    readme = README.read_text()
    if keys.KEYS_OF_README[0] not in readme:
        pytest.skip("the README has no table of keys yet")
    assert keys.with_key_table(readme) == readme


def write_readme() -> None:
    README.write_text(keys.with_key_table(README.read_text()))
