"""The live entrance: rooms, presence and pushes over Socket.IO."""
