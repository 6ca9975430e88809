//! Counts the words of an event's data.text.

const std = @import("std");
const Io = std.Io;

/// No retry can mend it: the event is dead at once. 75 would be "later, please", any other number
/// "failed", which is retried.
const permanent = 65;

/// The event comes on stdin as CloudEvents JSON.
const Event = struct {
    data: struct { text: []const u8 },
};

pub fn main(init: std.process.Init) !u8 {
    const arena = init.arena.allocator();

    var in_buffer: [4096]u8 = undefined;
    var stdin = Io.File.stdin().readerStreaming(init.io, &in_buffer);
    const json = try stdin.interface.allocRemaining(arena, .unlimited);

    const event = std.json.parseFromSliceLeaky(Event, arena, json, .{
        .ignore_unknown_fields = true,
    }) catch |err| {
        std.debug.print("cannot read data.text: {t}\n", .{err});
        return permanent;
    };

    var words: usize = 0;
    var each = std.mem.tokenizeAny(u8, event.data.text, &std.ascii.whitespace);
    while (each.next()) |_| words += 1;

    var out_buffer: [256]u8 = undefined;
    var stdout = Io.File.stdout().writerStreaming(init.io, &out_buffer);
    try std.json.Stringify.value(.{ .words = words }, .{}, &stdout.interface);
    try stdout.interface.flush();
    return 0;
}
