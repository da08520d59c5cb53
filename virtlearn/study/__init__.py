"""What a learner answers: predict, check, hint, solution, quiz, and how far they are.

vl.study.predict("02.1")        commit to an answer, then see what comes out
vl.study.check("02.a", answer)  right, wrong and why, or not attempted
vl.study.hint("02.a")           one more hint each time
vl.study.solution("02.a")       the solution, when asked for
vl.study.quiz("02")             the questions at the end of a lesson
vl.study.progress()             the whole course
vl.study.inventory("before") what you think before the course, and after it
vl.study.predictions()          what you predicted, and what you would say now
vl.study.exercise("02", "ada")  an exercise with numbers of a student's own
"""

from virtlearn.study.ask import Note, check, hint, predict, progress, quiz, solution
from virtlearn.study.bank import lessons_with_questions, question, questions
from virtlearn.study.exercise import Exercise, exercise, grade
from virtlearn.study.inventory import inventory
from virtlearn.study.predictions import predictions
from virtlearn.study.questions import Choice, Code, Find, Number, Order, Outcome, Question
from virtlearn.study.variant import variant

__all__ = [
    "Choice",
    "Code",
    "Exercise",
    "Find",
    "Note",
    "Number",
    "Order",
    "Outcome",
    "Question",
    "check",
    "exercise",
    "grade",
    "hint",
    "inventory",
    "lessons_with_questions",
    "predict",
    "predictions",
    "progress",
    "question",
    "questions",
    "quiz",
    "solution",
    "variant",
]
