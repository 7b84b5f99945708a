/**
 * The delivery of one event to one room: claim, send, settle, with the only loop over tries; and the later delivery of
 * pending changes.
 */
package io.hipchatalerts.delivery;
