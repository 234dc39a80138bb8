"""The specialist that puts what has to be learned into an order."""
