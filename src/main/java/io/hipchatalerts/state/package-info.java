/**
 * State changes only: the record of an alert, the pure protocol over it, and the claim and settle steps that run it
 * over a store.
 */
package io.hipchatalerts.state;
