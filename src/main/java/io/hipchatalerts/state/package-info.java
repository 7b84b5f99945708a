/**
 * State changes only: a pure protocol that decides, stores that only compare and set, and the claim and settle steps
 * that join the two.
 */
package io.hipchatalerts.state;
