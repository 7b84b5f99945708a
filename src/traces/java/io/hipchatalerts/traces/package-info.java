/** Code for the build with traces only. */
package io.hipchatalerts.traces;
