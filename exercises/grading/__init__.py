"""Grading what strangers hand in: their code runs in a sandbox, and what it answers is judged outside.

runner      inside: gives up every right it does not need, runs cells, says what a name holds
sandbox     outside: builds the walls, asks with a deadline, ends everything that was begun
judge       outside: puts the notebook in order, runs the graded cells on what the sandbox answers
nbgrader    the same as steps of nbgrader, so that `nbgrader autograde` is safe too
hand_in     a folder or a zip file of submissions, one notebook for each student
batch       many submissions, two at a time

What a class thinks before and after the course, from files that hold no program and no name:

inventory           reads progress files, and says what the class says
class_statistics    gain and its interval, difficulty, discrimination, pairs
inventory_page      the same as a text and as a page
"""
