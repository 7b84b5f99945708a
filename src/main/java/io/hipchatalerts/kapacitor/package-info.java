/** What Kapacitor has been told about HipChat, read as settings of this program, so that nobody has to write it twice. */
package io.hipchatalerts.kapacitor;
