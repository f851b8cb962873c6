"""The nodes of the graph, one file each: functions of the state, the request's context and a note."""
