"""What a Lambda function is told about its invocation, as far as anybody asks for it."""

import time
import uuid


class LambdaContext:
    """Stands in for Lambda's context object. `seconds` is the timeout of the function."""

    memory_limit_in_mb = "1024"
    function_version = "$LATEST"

    def __init__(self, function_name: str, seconds: float) -> None:
        self.function_name = function_name
        self.invoked_function_arn = f"arn:aws:lambda:us-east-1:000000000000:function:{function_name}"
        self.aws_request_id = str(uuid.uuid4())
        self._deadline = time.monotonic() + seconds

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the function's timeout; 0 when it is over."""
        return max(0, int((self._deadline - time.monotonic()) * 1000))
