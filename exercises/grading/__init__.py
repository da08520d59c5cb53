"""Grading what strangers hand in: their code runs in a sandbox, and what it answers is judged outside.

Inside
    runner      gives up every right it does not need, runs cells, says what a name holds
    filters     which system calls the kernel refuses it

Around it
    limits      what a submission may take, all told
    walls       what of this machine is inside: the little that is named
    groups      a control group for one submission, where we may make one
    tree        a tree of processes, watched: what all of them take together
    sandbox     starts it, asks with a deadline, ends everything that was begun

What arrives
    archive     every member of a folder or a zip file, opened once and without following
    names       whose it is, by the names that platforms give
    hand_in     for each student the one notebook that counts, for the rest the reason
    tell        who was taken for whom

Judging
    banks       the questions, from one folder that is known before
    layout      the notebook in our order, and of the submission only its answers
    judge       the graded cells, run here on what the sandbox answers
    form        what is left of an answer without names and numbers
    safe        what a student wrote, shown without any of it running

Keeping
    store       files that are there whole or not at all
    desk        one submission, from what was handed in to what is saved
    batch       many submissions, two at a time
    course      the course folder, opened with its own configuration
    steps       the same as steps of nbgrader, so that `nbgrader autograde` is safe too
    late        deadlines and penalties, by nbgrader's own means

Telling
    results     points and notes of an assignment
    pages       our pages and their content policy
    report, why, hand, export, term     one command each
    commands    what can be asked

What a class thinks before and after the course, from files that hold no program and no name
    inventory           reads progress files, and says what the class says
    class_statistics    gain and its interval, difficulty, discrimination, pairs
    inventory_page      the same as a text and as a page
"""
