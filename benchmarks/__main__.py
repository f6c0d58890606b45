"""``python -m benchmarks``; the guard matters, because every worker process imports this module again."""

from benchmarks.run import main

if __name__ == "__main__":
    main()
