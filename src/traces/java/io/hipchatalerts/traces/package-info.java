/** What only the build with traces needs; it is in no other. */
package io.hipchatalerts.traces;
