"""What can be wrong with a request, each with its status."""


class Problem(Exception):
    status = 400

    def __init__(self, code, text):
        super().__init__(text)
        self.code = code


class NotThere(Problem):
    status = 404


class NotAllowed(Problem):
    status = 403


class Taken(Problem):
    status = 409
