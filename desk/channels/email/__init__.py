"""Mail: fetched or handed over, understood, threaded, written and sent."""
