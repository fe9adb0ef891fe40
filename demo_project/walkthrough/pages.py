"""A parsed HTML page: its forms, its links, and the text of elements that have an id."""

from collections import defaultdict
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
BUTTONS = frozenset({"submit", "image", "button", "reset"})
TICKED = frozenset({"checkbox", "radio"})

Attributes = dict[str, str]


class NotOnPageError(Exception):
    """The page has no such form, field, button or element."""


@dataclass(kw_only=True, slots=True)
class Control:
    """A form control: a field, an option or a button."""

    name: str
    kind: str
    value: str = ""
    on: bool = True
    """Whether a checkbox is checked or an option selected; always true for other controls."""
    element_id: str = ""
    label: str = ""


@dataclass(kw_only=True, slots=True)
class Form:
    """A form that can be filled in."""

    action: str = ""
    controls: list[Control] = field(default_factory=list)
    buttons: list[Control] = field(default_factory=list)

    def has(self, name: str) -> bool:
        """Return whether there is a control with this name."""
        return any(control.name == name for control in self.controls)

    def fill(self, name: str, value: str) -> None:
        """Set the value of a field, or select an option by its value."""
        controls = [control for control in self.controls if control.name == name]
        if not controls:
            raise NotOnPageError(f"There is no field {name!r}.")
        for control in controls:
            if control.kind in TICKED | {"option"}:
                control.on = control.value == value
            else:
                control.value = value

    def choose(self, name: str, *labels: str) -> None:
        """Check or select the controls whose labels contain `labels`, and clear all others of this name."""
        choices = [control for control in self.controls if control.name == name]
        for control in choices:
            control.on = any(label in control.label for label in labels)
        if sum(control.on for control in choices) != len(labels):
            raise NotOnPageError(f"{name!r} does not offer {', '.join(labels) or 'anything'}.")

    def button(self, label: str) -> Control:
        """Return the button whose label starts with `label`."""
        for button in self.buttons:
            if button.label.startswith(label):
                return button
        raise NotOnPageError(f"There is no button {label!r}.")

    def data(self, button: Control | None = None) -> list[tuple[str, str]]:
        """Return the form data that a browser sends when `button` is pressed."""
        pressed = [button] if button is not None else []
        successful = [control for control in self.controls if control.on and control.kind not in {"file", "reset"}]
        return [(control.name, control.value) for control in successful + pressed if control.name]


class Page(HTMLParser):
    """A page, parsed when it is created."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self._texts: dict[str, str] = defaultdict(str)
        self._labels: dict[str, str] = defaultdict(str)
        self._open: list[tuple[str, Attributes]] = []
        self._form: Form | None = None
        self._select: Attributes = {}
        self._reading_text_of: list[Control] = []
        self.feed(html)
        self.close()
        self._label_controls()

    def text(self, element_id: str) -> str:
        """Return the text of an element."""
        if element_id not in self._texts:
            raise NotOnPageError(f"There is no element with the id {element_id!r}.")
        return self._texts[element_id].strip()

    def form_with_button(self, label: str) -> Form:
        """Return the form that has a button whose label starts with `label`."""
        for form in self.forms:
            if any(button.label.startswith(label) for button in form.buttons):
                return form
        raise NotOnPageError(f"There is no button {label!r}.")

    def form_with_field(self, name: str) -> Form:
        """Return the form that has a field with this name."""
        for form in self.forms:
            if form.has(name):
                return form
        raise NotOnPageError(f"There is no field {name!r}.")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Push the element, and read it if it is a link, a form or a control."""
        attributes = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self._open.append((tag, attributes))
        if attributes.get("id"):
            self._texts[attributes["id"]] += attributes.get("value", "") if tag == "input" else ""
        reader = getattr(self, f"_start_{tag}", None)
        if reader is not None:
            reader(attributes)

    def handle_endtag(self, tag: str) -> None:
        """Pop the element, with the unclosed elements in it."""
        if any(opened == tag for opened, _ in self._open):
            while self._open.pop()[0] != tag:
                pass
        if tag == "form":
            self._form = None
        if tag in {"button", "option", "textarea", "select"}:
            self._reading_text_of = []

    def handle_data(self, data: str) -> None:
        """Add the text to the open elements that have an id, to labels and to controls."""
        for tag, attributes in self._open:
            if "id" in attributes:
                self._texts[attributes["id"]] += data
            if tag == "label" and "for" in attributes:
                self._labels[attributes["for"]] += data
        for control in self._reading_text_of:
            if control.kind == "textarea":
                control.value += data
            elif not control.label:
                control.label = data.strip()

    def _start_a(self, attributes: Attributes) -> None:
        self.links.append(attributes.get("href", ""))

    def _start_form(self, attributes: Attributes) -> None:
        self._form = Form(action=attributes.get("action", ""))
        self.forms.append(self._form)

    def _start_input(self, attributes: Attributes) -> None:
        kind = attributes.get("type", "text")
        if kind in BUTTONS:
            self._add_button(attributes, label=attributes.get("value", ""))
        else:
            default = "on" if kind in TICKED else ""
            on = kind not in TICKED or "checked" in attributes
            self._add(attributes, kind=kind, value=attributes.get("value", default), on=on)

    def _start_button(self, attributes: Attributes) -> None:
        self._reading_text_of = [self._add_button(attributes, label="")]

    def _start_textarea(self, attributes: Attributes) -> None:
        self._reading_text_of = [self._add(attributes, kind="textarea")]

    def _start_select(self, attributes: Attributes) -> None:
        self._select = attributes

    def _start_option(self, attributes: Attributes) -> None:
        on = "selected" in attributes
        select = {"name": self._select.get("name", "")}
        self._reading_text_of = [self._add(select, kind="option", value=attributes.get("value", ""), on=on)]

    def _add_button(self, attributes: Attributes, *, label: str) -> Control:
        button = Control(
            name=attributes.get("name", ""),
            kind="submit",
            value=attributes.get("value", ""),
            label=attributes.get("aria-label") or label,
        )
        if self._form is not None:
            self._form.buttons.append(button)
        return button

    def _add(self, attributes: Attributes, *, kind: str, value: str = "", on: bool = True) -> Control:
        name, element_id = attributes.get("name", ""), attributes.get("id", "")
        control = Control(name=name, kind=kind, value=value, on=on, element_id=element_id)
        if self._form is not None and "disabled" not in attributes:
            self._form.controls.append(control)
        return control

    def _label_controls(self) -> None:
        for form in self.forms:
            for control in form.controls:
                control.label = control.label or " ".join(self._labels[control.element_id].split())
                if control.kind == "textarea":
                    control.value = control.value.removeprefix("\n")
