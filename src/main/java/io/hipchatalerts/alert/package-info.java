/** The alert event and its reader, which is lenient where Kapacitor's versions differ. */
package io.hipchatalerts.alert;
