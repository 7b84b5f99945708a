/** The state stores: a versioned register for each alert, and an index of the pending changes. */
package io.hipchatalerts.state.store;
