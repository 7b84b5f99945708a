/** The delivery of one event to one room: claim, send, settle, and the one loop over tries. */
package io.hipchatalerts.delivery;
