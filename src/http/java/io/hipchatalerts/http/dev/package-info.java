/**
 * A HipChat stand-in for dev mode and tests, with a live page of its rooms, so that nobody needs a HipChat to try
 * the function.
 *
 * <p>No production build wires anything of this package.
 */
package io.hipchatalerts.http.dev;
