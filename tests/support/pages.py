"""Pages taken apart."""

from html.parser import HTMLParser

VOID = {"meta", "input", "br", "link", "img"}


class Outline(HTMLParser):
    """Elements of a page with their attributes, and whether all are closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.contents: dict[str, str] = {}
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes an element that opens."""
        self.elements.append((tag, dict(attrs)))
        assert len(attrs) == len(dict(attrs)), f"an attribute of {tag} is given twice"
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Notes an element that closes itself."""
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        """Fails on an element that is closed out of order."""
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        """Notes text."""
        self.text.append(data)
        if self.open and self.open[-1] in {"script", "style", "title"}:
            self.contents[self.open[-1]] = self.contents.get(self.open[-1], "") + data

    def attributes(self, tag: str, name: str) -> list[str]:
        """The values of one attribute on all elements of a tag that have it."""
        return [value for element, attrs in self.elements if element == tag and (value := attrs.get(name)) is not None]
