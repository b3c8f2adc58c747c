"""How figures look: sizes of papers, colours, units."""
import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt  # noqa: E402  (after the choice of what draws)

# Okabe & Ito 2008: told apart by all kinds of colour vision. Yellow is left out: it is hard to see on white.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#7F7F7F"]
STYLES = ["-", (0, (4, 1.5)), (0, (1, 1.2)), (0, (5, 1.5, 1, 1.5))]
MARKERS = "osD^vP"
# Inches, of one and of two columns of a paper.
WIDTHS = {1: 3.5, 2: 7.2}
GREY, FAINT = "#555555", "#dddddd"
FONT = 8

SECONDS = [(1e-9, "ns"), (1e-6, "µs"), (1e-3, "ms"), (1.0, "s")]
BYTES = [(1.0, "B"), (1e3, "kB"), (1e6, "MB"), (1e9, "GB"), (1e12, "TB"), (1e15, "PB")]


def prepare():
    plt.rcParams.update(
        {
            "font.size": FONT,
            "axes.titlesize": FONT,
            "axes.labelsize": FONT,
            "xtick.labelsize": FONT,
            "ytick.labelsize": FONT,
            "legend.fontsize": FONT,
            "axes.spines.top": False,
            "axes.spines.right": False,
            "axes.linewidth": 0.6,
            "xtick.major.width": 0.6,
            "ytick.major.width": 0.6,
            "lines.linewidth": 1.2,
            "pdf.fonttype": 42,
            "ps.fonttype": 42,
            "svg.fonttype": "none",
            "axes.formatter.use_mathtext": True,
            "axes.formatter.limits": (-3, 5),
        }
    )


def look_of(number):
    """Colour and dashes of the line of this number: all differ, as far as there are lines in a figure."""
    return {
        "color": COLOURS[number % len(COLOURS)],
        "linestyle": STYLES[number // len(COLOURS) % len(STYLES)],
    }


def scale_for(largest, units):
    """The largest unit of which there is at least one."""
    fitting = [unit for unit in units if unit[0] <= largest]
    return fitting[-1] if fitting else units[0]


NAMES = {
    "loss": "training loss",
    "test_loss": "test loss",
    "test_accuracy": "test accuracy",
    "iterations": "iterations",
    "iteration": "iterations",
    "samples": "samples",
    "epoch": "epochs",
    "staleness_mean": "mean staleness",
    "consensus_distance": "consensus distance",
    "kkt_residual": "KKT residual",
    "workers": "workers",
    "time_to_target_s": "time to target",
}


def quantity(name, largest, backends=frozenset()):
    """Name of a column or metric for an axis, with its unit, and the factor to divide its values by."""
    if name.endswith("accuracy"):
        return f"{NAMES.get(name, words_of(name))} in %", 0.01
    if name.endswith("_s") or "_s." in name:
        scale, unit = scale_for(largest, SECONDS)
        return f"{time_name(name, backends)} in {unit}", scale
    if "bytes" in name:
        scale, unit = scale_for(largest, BYTES)
        return f"{'data sent' if name == 'bytes_sent' else words_of(name)} in {unit}", scale
    return NAMES.get(name, words_of(name)), 1.0


def time_name(name, backends):
    if name != "time_s":
        return NAMES.get(name, words_of(name.replace("_s.", " ").removesuffix("_s")))
    kinds = {"real" if backend == "mpi" else "simulated" for backend in backends}
    return f"{kinds.pop()} time" if len(kinds) == 1 else "time"


def words_of(name):
    return name.replace("_", " ").replace(".", " ")


def backends_of(lines):
    return frozenset(point.facts.get("backend", "") for line in lines for point in line.points)


def one_panel(columns, height=0.62):
    """A figure of that many columns' width with one panel."""
    prepare()
    width = WIDTHS[columns]
    return plt.subplots(figsize=(width, height * min(width, 5)), layout="constrained")


def use_log(axes, log):
    """Logarithmic axes of those in `log`, "x" and "y", with ticks that tell the scale where it has few powers of ten."""
    for name in log:
        getattr(axes, f"set_{name}scale")("log")
        axis = getattr(axes, f"{name}axis")
        low, high = sorted(axis.get_view_interval())
        if low > 0 and high / low < 30:
            axis.set_major_locator(matplotlib.ticker.LogLocator(subs=(1, 2, 5)))
            axis.set_major_formatter("{x:g}")
            axis.set_minor_formatter(matplotlib.ticker.NullFormatter())
