"""What is heard and marked on a page with a player, asked until it is so."""

TIME = "document.querySelector('audio').currentTime"
PAUSED = "document.querySelector('audio').paused"


def until(page, condition, timeout=15000):
    """Ask again and again; playwright's own waiting needs eval, which the pages' policy forbids."""
    for _ in range(timeout // 50):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"never came true: {condition}")


def heard(page, start, end=None):
    """Wait until the recording plays between these seconds."""
    until(page, f"!{PAUSED} && {TIME} > {start} && {TIME} < {end or start + 8}")


def current(page, selector):
    """The texts of what is marked as current."""
    return [text.strip() for text in page.locator(f"{selector}[aria-current]").all_inner_texts()]


def found(page, layer="found"):
    """The texts that a search has marked in the transcript, in sight: `found` all of them, `here` the one it stands at."""
    texts = page.evaluate(f"""[...CSS.highlights.get('{layer}')].sort((a, b) => a.compareBoundaryPoints(0, b)).map((range) => {{
      const part = range.cloneContents();
      for (const stamp of part.querySelectorAll(".at")) stamp.remove();
      return part.textContent.replace(/\\s+/g, " ");
    }})""")
    return [text.strip() for text in texts]


def state(page):
    """What the player says it is doing."""
    return page.locator(".player").get_attribute("data-state")
