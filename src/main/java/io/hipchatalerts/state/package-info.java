/**
 * State changes only: the record of an alert, the pure protocol over it, and the claim and settle steps that join the
 * protocol and a store.
 */
package io.hipchatalerts.state;
