"""Bad input, and how a program ends."""
import difflib
import sys


class InputError(Exception):
    """What the user gave is wrong; the message says what, and what is allowed."""


def did_you_mean(name, names):
    """ " (did you mean 'loss'?)", or "" where nothing is near."""
    near = difflib.get_close_matches(name, names, n=1)
    return f" (did you mean '{near[0]}'?)" if near else ""


def choose(what, name, names):
    """`name`, where it is one of `names`; InputError otherwise."""
    if name in names:
        return name
    known = ", ".join(names) if names else "none"
    raise InputError(f"there is no {what} '{name}'{did_you_mean(name, names)}; there are: {known}")


def note(program, text):
    """Tells what a figure leaves out."""
    print(f"{program}: note: {text}", file=sys.stderr)


def exit_code_of(program, main):
    """Runs it: 0, or 2 after bad input, or 1 where files cannot be read or written; messages go to standard error."""
    try:
        main()
    except InputError as error:
        print(f"{program}: {error}", file=sys.stderr)
        return 2
    except OSError as error:
        print(f"{program}: {error}", file=sys.stderr)
        return 1
    return 0
