"""What nbgrader needs to know to release, grade and export these exercises."""

import os

from nbgrader.preprocessors import CheckCellMetadata, ClearOutput, DeduplicateIds, OverwriteCells, OverwriteKernelspec


class DropDuplicateIds(DeduplicateIds):
    """Let a student's copied cell be an ordinary cell.

    The stock class leaves an empty ``nbgrader`` entry behind, which stops the whole run with a message about old
    metadata (jupyter/nbgrader#1083).
    """

    def preprocess_cell(self, cell, resources, cell_index):
        """Remove the entry where it is empty."""
        cell, resources = super().preprocess_cell(cell, resources, cell_index)
        if cell.metadata.get("nbgrader") == {}:
            del cell.metadata["nbgrader"]
        return cell, resources


c = get_config()
here = os.path.dirname(os.path.abspath(__file__))
c.CourseDirectory.course_id = "virtlearn"
c.CourseDirectory.root = here
c.CourseDirectory.db_url = "sqlite:///" + os.path.join(here, "gradebook.db")
c.NbGrader.logfile = os.path.join(here, "nbgrader.log")
# A blank does nothing instead of raising, so that an untouched cell is told "not attempted" by its check.
c.ClearSolutions.code_stub = {"python": "...  # YOUR CODE HERE"}
c.Execute.timeout = 20
c.Execute.interrupt_on_timeout = True
c.Execute.iopub_timeout = 60  # on a busy machine the usual 4 s lose a submission
c.Autograde.sanitize_preprocessors = [
    ClearOutput,
    DropDuplicateIds,
    OverwriteKernelspec,
    OverwriteCells,
    CheckCellMetadata,
]
# Widget state is megabytes; the cells' own metadata is nbgrader's and stays.
c.ClearMetadataPreprocessor.enabled = True
c.ClearMetadataPreprocessor.clear_cell_metadata = False
c.ClearMetadataPreprocessor.clear_notebook_metadata = True
c.ClearMetadataPreprocessor.preserve_nb_metadata_mask = {"kernelspec", "language_info"}
