"""The process in which typst sets one document: content on standard input, PDF on standard output.

It loads nothing of dji-audit, so that a run over gigabytes of evidence does not carry the fonts
and the memory of typst; and a fault in typst ends this process and not the run.
"""

import json
import sys


def main() -> int:
    """Set a document; return 0, or 1 with the reason on standard error."""
    import typst

    request = json.load(sys.stdin.buffer)
    # Fonts that are part of typst: those of computers differ.
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)
    try:
        document = typst.compile(
            request["template"].encode(),
            font_paths=fonts,
            ignore_system_fonts=True,
            format="pdf",
            sys_inputs=request["inputs"],
            pdf_standards=request["standards"],
            timestamp=0,
        )
    except typst.TypstError as error:
        sys.stderr.write(str(error.message))
        return 1
    sys.stdout.buffer.write(document)
    return 0


if __name__ == "__main__":
    sys.exit(main())
