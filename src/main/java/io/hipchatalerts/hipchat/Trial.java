package io.hipchatalerts.hipchat;

/**
 * What HipChat says to a room and a token.
 *
 * @param accepted whether a message would be taken
 * @param detail HipChat's code, and its words where it refuses; holds no token
 */
public record Trial(boolean accepted, String detail) {}
