"""What nbgrader needs to know to release, grade and export these exercises."""

import functools
import os
import sys

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, here)
from grading.late import PerDay
from grading.steps import HideTests, Judge, Rebuild, drop_others
from nbconvert.preprocessors import CSSHTMLHeaderPreprocessor
from nbgrader.preprocessors import AssignLatePenalties, GetGrades, OverwriteCells, SaveAutoGrades

c = get_config()
c.CourseDirectory.course_id = "virtlearn"
c.CourseDirectory.root = here
c.CourseDirectory.db_url = "sqlite:///" + os.path.join(here, "gradebook.db")
c.NbGrader.logfile = os.path.join(here, "nbgrader.log")
# A blank does nothing instead of raising, so that an untouched cell is told "not attempted" by its check.
c.ClearSolutions.code_stub = {"python": "pass  # YOUR CODE HERE"}
# Submissions are programs of strangers: no kernel of ours runs them (see README.md).
c.Autograde.sanitize_preprocessors = [Rebuild, OverwriteCells]
c.Autograde.autograde_preprocessors = [Judge, SaveAutoGrades, AssignLatePenalties]
c.Autograde.pre_convert_hook = functools.partial(drop_others, here)
c.GenerateFeedback.preprocessors = [HideTests, GetGrades, CSSHTMLHeaderPreprocessor]
# What a day that was begun after the deadline costs, in percent of the points reached, and how late is not late yet.
c.AssignLatePenalties.plugin_class = PerDay
c.PerDay.percent_a_day = 0
c.PerDay.grace_minutes = 10
