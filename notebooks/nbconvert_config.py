"""How `jupyter nbconvert --config notebooks/nbconvert_config.py` runs: all notebooks are executed and written to
notebooks/html/, as pages that load nothing from elsewhere. It ends with an error when a cell or a chart fails.
"""

from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def fail_on_errors(notebook: Any, resources: Any) -> tuple[Any, Any]:
    """Raises where an output is an error: a chart that cannot be drawn fails after its cell, which nbconvert lets pass."""
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            if output.output_type == "error":
                raise RuntimeError(f"cell {cell.id}: {output.ename}: {output.evalue}")
    return notebook, resources


c = get_config()  # noqa: F821 - traitlets gives it to its configuration files
c.NbConvertApp.notebooks = [str(path) for path in sorted(HERE.glob("*.ipynb"))]
c.NbConvertApp.export_format = "html"
c.FilesWriter.build_directory = str(HERE / "html")
c.ExecutePreprocessor.enabled = True
c.ExecutePreprocessor.timeout = 600  # seconds a cell; a store of a province's reports answers in a few
c.KernelManager.transport_encryption = "required"  # on a shared machine others can listen to its ports
c.HTMLExporter.preprocessors = [fail_on_errors]
c.HTMLExporter.template_name = "offline"
c.HTMLExporter.extra_template_basedirs = [str(HERE / "templates")]
c.HTMLExporter.language_code = "zh"
