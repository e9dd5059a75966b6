import Events
import Policy
