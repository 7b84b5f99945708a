/** Time as a thing that is handed in, so that no test has to wait for it. */
package io.hipchatalerts.time;
